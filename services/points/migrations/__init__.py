"""The migrations of the points service, and the tables they are compared with: each slice's, named here."""

from services.points.base import Base
from services.points.clearing.tables import NettingConfirmation, NettingPayment, NettingPosition, NettingWindow
from services.points.communities.tables import Community
from services.points.earning.tables import Deed, EarningRule
from services.points.exchange.tables import Corridor, Quote
from services.points.ledger.tables import Account, Entry, Hold, HoldLot, Lot, Refused, Transfer
from services.points.limits.tables import Budget, ResidentCap
from services.points.merchants.tables import Merchant
from services.points.proof.tables import Seal
from services.points.proposals.tables import Proposal
from services.points.redemptions.tables import Redemption
from services.points.statements.tables import Fold

TABLES = (
    Account,
    Budget,
    Community,
    Corridor,
    Deed,
    EarningRule,
    Entry,
    Fold,
    Hold,
    HoldLot,
    Lot,
    Merchant,
    NettingConfirmation,
    NettingPayment,
    NettingPosition,
    NettingWindow,
    Proposal,
    Quote,
    Redemption,
    Refused,
    ResidentCap,
    Seal,
    Transfer,
)
METADATA = Base.metadata
