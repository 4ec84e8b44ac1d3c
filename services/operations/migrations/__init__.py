"""The migrations of the operations service, and the tables they are compared with: each slice's, imported here."""

from services.operations.acceptance.tables import Acceptance, AcceptanceRubric, AcceptanceScore
from services.operations.base import Base
from services.operations.checkups.tables import Checkup, CheckupResult, CheckupScheme, FacilitySurvey
from services.operations.cockpit.tables import CockpitDay, CockpitRecord
from services.operations.communities.tables import Community, CommunityProfile, CommunityReference
from services.operations.competitions.tables import Competition, CompetitionAppeal, CompetitionRanking
from services.operations.contracts.tables import Contract
from services.operations.covenants.tables import Covenant, CovenantSignature, ListEntry
from services.operations.deliveries.tables import DeliveryPart, ServiceDelivery
from services.operations.emergencies.tables import Emergency, EmergencySpend
from services.operations.fund.tables import Fund, FundAccount, FundCheck, FundTransfer
from services.operations.kpis.tables import KpiEvidence, KpiMeasurement
from services.operations.listings.tables import EndedDebarment, ProviderAppeal, ProviderListing
from services.operations.payments.tables import FundApproval, FundPayment, FundSettledReceivable
from services.operations.projects.tables import Project, ProjectGate, ProjectPlan
from services.operations.providers.tables import Provider, ProviderLicence
from services.operations.remedies.tables import RemedyStep
from services.operations.settlement.tables import Receivable
from services.operations.shared_costs.tables import SharedCost, SharedSpace
from services.operations.statements.tables import OperatingStatement

TABLES = (
    Acceptance,
    AcceptanceRubric,
    AcceptanceScore,
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
    Covenant,
    CovenantSignature,
    DeliveryPart,
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
    KpiMeasurement,
    ListEntry,
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
    ServiceDelivery,
    SharedCost,
    SharedSpace,
)
"""Named here so that Alembic sees them all."""
METADATA = Base.metadata
