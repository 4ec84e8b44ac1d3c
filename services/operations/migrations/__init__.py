"""The migrations of the operations service, and the tables they are compared with: each slice's, imported here."""

from services.operations.acceptance.tables import Acceptance, AcceptanceRubric, AcceptanceScore
from services.operations.anomalies.tables import AttendanceTrace, Purchase
from services.operations.barter.tables import BarterDelivery, BarterTrueUp
from services.operations.base import Base
from services.operations.billing.tables import Delivery, RetentionRelease, Settlement
from services.operations.checkups.tables import Checkup, CheckupResult, CheckupScheme, FacilitySurvey
from services.operations.communities.tables import Community, CommunityProfile, CommunityReference
from services.operations.contracts.tables import (
    Contract,
    ContractDecision,
    ContractParty,
    ContractSeal,
    ContractSignature,
    ContractVersion,
)
from services.operations.emergencies.tables import Emergency, EmergencySpend
from services.operations.fund.tables import Fund, FundAccount, FundCheck, FundTransfer
from services.operations.kpis.tables import KpiDispute, KpiEvidence, KpiResult, KpiTally
from services.operations.listings.tables import EndedDebarment, ProviderAppeal, ProviderListing
from services.operations.payments.tables import FundApproval, FundPayment, FundSettledReceivable
from services.operations.projects.tables import Project, ProjectGate, ProjectPlan
from services.operations.providers.tables import Provider, ProviderLicence
from services.operations.remedies.tables import RemedyStep
from services.operations.settlement.tables import Receivable
from services.operations.statements.tables import OperatingStatement
from services.operations.subsidies.tables import Subsidy, SubsidyClawback, SubsidyPayment, SubsidyTranche
from services.operations.tenders.tables import Tender, TenderAward, TenderBallot, TenderBid

TABLES = (
    TenderBid,
    TenderBallot,
    TenderAward,
    Tender,
    SubsidyTranche,
    SubsidyPayment,
    SubsidyClawback,
    Subsidy,
    KpiTally,
    KpiResult,
    KpiDispute,
    ContractVersion,
    ContractSignature,
    ContractSeal,
    ContractParty,
    ContractDecision,
    Settlement,
    RetentionRelease,
    Delivery,
    BarterTrueUp,
    BarterDelivery,
    Purchase,
    AttendanceTrace,
    Acceptance,
    AcceptanceRubric,
    AcceptanceScore,
    Checkup,
    CheckupResult,
    CheckupScheme,
    Community,
    CommunityProfile,
    CommunityReference,
    Contract,
    Emergency,
    EmergencySpend,
    EndedDebarment,
    FacilitySurvey,
    Fund,
    FundAccount,
    FundApproval,
    FundCheck,
    FundPayment,
    FundSettledReceivable,
    FundTransfer,
    KpiEvidence,
    OperatingStatement,
    Project,
    ProjectGate,
    ProjectPlan,
    Provider,
    ProviderAppeal,
    ProviderLicence,
    ProviderListing,
    Receivable,
    RemedyStep,
)
"""Named here so that Alembic sees them all."""
METADATA = Base.metadata
