"""The catalogue 场景目录: nine scenes and 33 indicators, what a community has picked, and what it still lacks."""
