"""The migrations of the points service, and the tables they are compared with: each slice's, named here."""

from services.points.base import Base
from services.points.clearing.tables import NettingConfirmation, NettingPayment, NettingPosition, NettingWindow
from services.points.communities.tables import Community
from services.points.earning.tables import Deed, EarningRule, PendingDeed
from services.points.exchange.tables import Corridor, Quote
from services.points.expiry.tables import ExpiryNotice
from services.points.fraud.tables import Freeze, Screening
from services.points.honours.tables import TierScheme
from services.points.ledger.tables import Account, Entry, Hold, HoldLot, Lot, Refused, Transfer
from services.points.limits.tables import Budget, ResidentCap
from services.points.merchants.tables import CatalogueItem, Merchant
from services.points.payments.tables import Payment, UsedCode
from services.points.proof.tables import Seal
from services.points.proposals.tables import Proposal
from services.points.redemptions.tables import Redemption
from services.points.settlements.tables import ApproverKey, MerchantStatement
from services.points.statements.tables import Fold

TABLES = (
    Account,
    ApproverKey,
    Budget,
    CatalogueItem,
    Community,
    Corridor,
    Deed,
    EarningRule,
    Entry,
    ExpiryNotice,
    Fold,
    Freeze,
    Hold,
    HoldLot,
    Lot,
    Merchant,
    MerchantStatement,
    NettingConfirmation,
    NettingPayment,
    NettingPosition,
    NettingWindow,
    Payment,
    PendingDeed,
    Proposal,
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
