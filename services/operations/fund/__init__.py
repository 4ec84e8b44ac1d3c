"""The community fund 社区基金: a double entry of its own, in fen, that residents may see."""
