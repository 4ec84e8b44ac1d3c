"""The migrations of the operations service, and the tables they are compared with: each slice's, imported here."""

from services.operations.acceptance.tables import Acceptance, AcceptanceRubric, AcceptanceScore
from services.operations.anomalies.tables import AttendanceTrace, Purchase
from services.operations.barter.tables import BarterDelivery, BarterTrueUp
from services.operations.base import Base
from services.operations.billing.tables import Delivery, RetentionRelease, Settlement
from services.operations.burdens.tables import BurdenDemand, EntryPermit
from services.operations.checkups.tables import Checkup, CheckupResult, CheckupScheme, FacilitySurvey
from services.operations.cockpit.tables import CockpitDay, CockpitRecord
from services.operations.communities.tables import Community, CommunityProfile, CommunityReference
from services.operations.competitions.tables import Competition, CompetitionAppeal, CompetitionRanking
from services.operations.contracts.tables import (
    Contract,
    ContractDecision,
    ContractParty,
    ContractSeal,
    ContractSignature,
    ContractVersion,
)
from services.operations.covenants.tables import Covenant, CovenantSignature, ListEntry
from services.operations.deliveries.tables import DeliveryPart, ServiceDelivery
from services.operations.emergencies.tables import Emergency, EmergencySpend
from services.operations.fund.tables import Fund, FundAccount, FundCheck, FundTransfer
from services.operations.kpis.tables import KpiDispute, KpiEvidence, KpiResult, KpiTally
from services.operations.listings.tables import EndedDebarment, ProviderAppeal, ProviderListing
from services.operations.payments.tables import FundApproval, FundPayment, FundSettledReceivable
from services.operations.projects.tables import Project, ProjectGate, ProjectPlan
from services.operations.providers.tables import Provider, ProviderLicence
from services.operations.remedies.tables import RemedyStep
from services.operations.settlement.tables import Receivable
from services.operations.shared_costs.tables import SharedCost, SharedSpace
from services.operations.statements.tables import OperatingStatement
from services.operations.subsidies.tables import Subsidy, SubsidyClawback, SubsidyPayment, SubsidyTranche
from services.operations.tenders.tables import Tender, TenderAward, TenderBallot, TenderBid
from services.operations.work_orders.tables import WorkOrder, WorkStep

TABLES = (
    Acceptance,
    AcceptanceRubric,
    AcceptanceScore,
    AttendanceTrace,
    BarterDelivery,
    BarterTrueUp,
    BurdenDemand,
    Checkup,
    CheckupResult,
    CheckupScheme,
    CockpitDay,
    CockpitRecord,
    Community,
    CommunityProfile,
    CommunityReference,
    Competition,
    CompetitionAppeal,
    CompetitionRanking,
    Contract,
    ContractDecision,
    ContractParty,
    ContractSeal,
    ContractSignature,
    ContractVersion,
    Covenant,
    CovenantSignature,
    Delivery,
    DeliveryPart,
    Emergency,
    EmergencySpend,
    EndedDebarment,
    EntryPermit,
    FacilitySurvey,
    Fund,
    FundAccount,
    FundApproval,
    FundCheck,
    FundPayment,
    FundSettledReceivable,
    FundTransfer,
    KpiDispute,
    KpiEvidence,
    KpiResult,
    KpiTally,
    ListEntry,
    OperatingStatement,
    Project,
    ProjectGate,
    ProjectPlan,
    Provider,
    ProviderAppeal,
    ProviderLicence,
    ProviderListing,
    Purchase,
    Receivable,
    RemedyStep,
    RetentionRelease,
    ServiceDelivery,
    Settlement,
    SharedCost,
    SharedSpace,
    Subsidy,
    SubsidyClawback,
    SubsidyPayment,
    SubsidyTranche,
    Tender,
    TenderAward,
    TenderBallot,
    TenderBid,
    WorkOrder,
    WorkStep,
)
"""Named here so that Alembic sees them all."""
METADATA = Base.metadata
