"""The developer portal 开发者门户: keys, usage, descriptions, sandbox and signature debugger, as plain pages."""
