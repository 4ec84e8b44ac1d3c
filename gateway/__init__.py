"""The one door: who calls, may they, how often; a signed identity onward; a record of every call."""
