"""The migrations of the points service, and the tables they are compared with: each slice's, named here."""

from services.points.assistance.tables import AssistedAct
from services.points.base import Base
from services.points.clearing.tables import NettingConfirmation, NettingPayment, NettingPosition, NettingWindow
from services.points.communities.tables import Community
from services.points.conversions.tables import Conversion, ConversionRule
from services.points.crossings.tables import Arrival, Crossing, Discord
from services.points.debit_caps.tables import DebitCap
from services.points.disputes.tables import Dispute
from services.points.earning.tables import Deed, EarningRule, PendingDeed
from services.points.erasures.tables import Erasure
from services.points.exchange.tables import Corridor, Quote
from services.points.expiry.tables import ExpiryNotice
from services.points.families.tables import FamilyBond
from services.points.fraud.tables import Freeze, Screening
from services.points.honours.tables import TierScheme
from services.points.ledger.tables import Account, Entry, Hold, HoldCommand, HoldLot, Lot, Refused, Transfer
from services.points.liability.tables import Funding
from services.points.limits.tables import Budget, ResidentCap
from services.points.merchants.tables import CatalogueItem, DebarredMerchant, Merchant
from services.points.payments.tables import Payment, UsedCode
from services.points.proof.tables import Seal
from services.points.proposals.tables import Proposal
from services.points.redemptions.tables import Redemption
from services.points.settlements.tables import ApproverKey, MerchantStatement
from services.points.statements.tables import Fold
from services.points.timebank.tables import HelpPosting, HoursLegacy
from services.points.vouchers.tables import Presentation, Voucher

TABLES = (
    Account,
    ApproverKey,
    Arrival,
    AssistedAct,
    Budget,
    CatalogueItem,
    Community,
    Conversion,
    ConversionRule,
    Corridor,
    Crossing,
    DebarredMerchant,
    DebitCap,
    Deed,
    Discord,
    Dispute,
    EarningRule,
    Entry,
    Erasure,
    ExpiryNotice,
    FamilyBond,
    Fold,
    Freeze,
    Funding,
    HelpPosting,
    Hold,
    HoldCommand,
    HoldLot,
    HoursLegacy,
    Lot,
    Merchant,
    MerchantStatement,
    NettingConfirmation,
    NettingPayment,
    NettingPosition,
    NettingWindow,
    Payment,
    PendingDeed,
    Presentation,
    Proposal,
    Voucher,
    Quote,
    Redemption,
    Refused,
    ResidentCap,
    Screening,
    Seal,
    TierScheme,
    Transfer,
    UsedCode,
)
METADATA = Base.metadata
