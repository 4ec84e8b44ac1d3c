"""Erasures: whom to erase, and the function that forgets a resident; keys that name one may change with it."""

from alembic import op

from shared.migrations.forget import create_erasure_due, create_forget_resident, drop_forget_resident

revision = "scenarios_erasures"
down_revision = "scenarios_timebank"
branch_labels = None
depends_on = None

KEYS = {
    "withdrawal": "fk_withdrawal_community_code_activity_id_resident_id",
    "no_show": "fk_no_show_seat",
    "check_in": "fk_check_in_community_code_activity_id_resident_id",
    "check_out": "fk_check_out_community_code_activity_id_resident_id",
    "turnout": "fk_turnout_community_code_motion_id_resident_id",
    "round_allotment": "fk_round_allotment_community_code_round_id_resident_id",
    "round_booking": "fk_round_booking_community_code_round_id_resident_id",
}
CONSENTED = (
    "booking", "booking_series", "sign_up", "withdrawal", "check_in", "check_out", "waitlist_entry", "round_application",
    "payment", "response", "turnout", "contribution", "report", "help_post",
)  # fmt: skip
OF_BOOKINGS = "(community_code, booking_id) IN (SELECT community_code, id FROM booking WHERE resident_id = resident)"
OF_REPORTS = "(community_code, report_id) IN (SELECT community_code, id FROM report WHERE resident_id = resident)"
EMPTIED = (
    *(
        f"UPDATE {table} SET consent = '{{}}' WHERE consent IS NOT NULL AND resident_id = resident"  # noqa: S608
        for table in CONSENTED
    ),
    *(
        f"UPDATE {table} SET consent = '{{}}' WHERE consent IS NOT NULL AND {OF_BOOKINGS}"  # noqa: S608
        for table in ("rescheduling", "cancellation")
    ),
    f"UPDATE hand_over SET text = '', notes = NULL WHERE state <> 'queued' AND {OF_REPORTS}",  # noqa: S608
    (
        "UPDATE report SET place = '', text = '', outcome = CASE state WHEN 'open' THEN '报事人已注销 / reporter erased' END, "
        "closed_at = CASE state WHEN 'open' THEN now() ELSE closed_at END, "
        "state = CASE state WHEN 'open' THEN 'closed' ELSE state END WHERE resident_id = resident"
    ),
    "UPDATE help_post SET text = '' WHERE resident_id = resident",
    (
        "UPDATE help_step s SET reason = NULL, assisted = assisted - 'consent' FROM help_visit v "
        "WHERE v.community_code = s.community_code AND v.id = s.visit_id AND (v.giver_id = resident "
        "AND s.step LIKE '%giver' OR resident IN (v.receiver_id, v.payer_id) AND s.step LIKE '%receiver')"
    ),
    "UPDATE contribution SET text = '', evidence = '{}' WHERE resident_id = resident",
    "UPDATE no_show SET appeal = '' WHERE appeal IS NOT NULL AND resident_id = resident",
    "UPDATE exemption SET reference = '' WHERE resident_id = resident",
    "UPDATE emergency_plan SET care = care - resident::text WHERE care ? resident::text",
    "DELETE FROM household_member WHERE resident_id = resident",
    "DELETE FROM age_band WHERE resident_id = resident",
    "DELETE FROM paper_entry WHERE resident_id = resident",
    (
        "DELETE FROM round_application a WHERE resident_id = resident AND NOT EXISTS (SELECT FROM round_allotment g "
        "WHERE (g.community_code, g.round_id, g.resident_id) = (a.community_code, a.round_id, a.resident_id))"
    ),
)


def upgrade() -> None:
    create_erasure_due()
    for table, key in KEYS.items():
        op.execute(f"ALTER TABLE {table} ALTER CONSTRAINT {key} DEFERRABLE")
    create_forget_resident("linli_scenarios", *EMPTIED)


def downgrade() -> None:
    drop_forget_resident()
    for table, key in KEYS.items():
        op.execute(f"ALTER TABLE {table} ALTER CONSTRAINT {key} NOT DEFERRABLE")
    op.drop_table("erasure_due")
