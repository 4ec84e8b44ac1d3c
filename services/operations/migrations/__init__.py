"""The migrations of the operations service, and the tables they are compared with: each slice's, imported here."""

from services.operations.anomalies.tables import AttendanceTrace, Purchase
from services.operations.barter.tables import BarterDelivery, BarterTrueUp
from services.operations.base import Base
from services.operations.billing.tables import Delivery, RetentionRelease, Settlement
from services.operations.communities.tables import Community, CommunityProfile, CommunityReference
from services.operations.contracts.tables import (
    Contract,
    ContractDecision,
    ContractParty,
    ContractSeal,
    ContractSignature,
    ContractVersion,
)
from services.operations.kpis.tables import KpiDispute, KpiEvidence, KpiResult, KpiTally
from services.operations.listings.tables import EndedDebarment, ProviderAppeal, ProviderListing
from services.operations.projects.tables import Project, ProjectGate, ProjectPlan
from services.operations.providers.tables import Provider, ProviderLicence
from services.operations.settlement.tables import Receivable
from services.operations.subsidies.tables import Subsidy, SubsidyClawback, SubsidyPayment, SubsidyTranche
from services.operations.tenders.tables import Tender, TenderAward, TenderBallot, TenderBid

TABLES = (
    Tender,
    TenderAward,
    TenderBallot,
    TenderBid,
    AttendanceTrace,
    Purchase,
    Subsidy,
    SubsidyClawback,
    SubsidyPayment,
    SubsidyTranche,
    BarterDelivery,
    BarterTrueUp,
    Delivery,
    RetentionRelease,
    Settlement,
    EndedDebarment,
    ProviderAppeal,
    ProviderLicence,
    Community,
    CommunityProfile,
    CommunityReference,
    Contract,
    ContractDecision,
    ContractParty,
    ContractSeal,
    ContractSignature,
    ContractVersion,
    KpiDispute,
    KpiEvidence,
    KpiResult,
    KpiTally,
    Project,
    ProjectGate,
    ProjectPlan,
    Provider,
    ProviderListing,
    Receivable,
)
"""Named here so that Alembic sees them all."""
METADATA = Base.metadata
