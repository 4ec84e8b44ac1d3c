"""The migrations of the points service, and the tables they are compared with: each slice's, named here."""

from services.points.base import Base
from services.points.clearing.tables import NettingConfirmation, NettingPayment, NettingPosition, NettingWindow
from services.points.communities.tables import Community
from services.points.conversions.tables import Conversion, ConversionRule
from services.points.crossings.tables import Arrival, Crossing, Discord
from services.points.debit_caps.tables import DebitCap
from services.points.earning.tables import Deed, EarningRule
from services.points.erasures.tables import Erasure
from services.points.exchange.tables import Corridor, Quote
from services.points.families.tables import FamilyBond
from services.points.ledger.tables import Account, Entry, Hold, HoldCommand, HoldLot, Lot, Refused, Transfer
from services.points.merchants.tables import DebarredMerchant, Merchant
from services.points.proof.tables import Seal
from services.points.redemptions.tables import Redemption
from services.points.statements.tables import Fold

TABLES = (
    Account,
    Arrival,
    Community,
    Conversion,
    ConversionRule,
    Corridor,
    Crossing,
    DebarredMerchant,
    DebitCap,
    Deed,
    Discord,
    EarningRule,
    Entry,
    Erasure,
    FamilyBond,
    Fold,
    Hold,
    HoldCommand,
    HoldLot,
    Lot,
    Merchant,
    NettingConfirmation,
    NettingPayment,
    NettingPosition,
    NettingWindow,
    Quote,
    Redemption,
    Refused,
    Seal,
    Transfer,
)
METADATA = Base.metadata
