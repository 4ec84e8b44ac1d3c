"""Terms 合同条款: what a contract says, as data that is signed."""
