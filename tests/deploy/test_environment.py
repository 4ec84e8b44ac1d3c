"""What uv is told of pip's configuration."""

from deploy.bare.environment import uv_variables


def test_uv_is_told_what_pip_is_set_up_for() -> None:
    config = """\
global.index-url='https://one.example/simple'
global.cert='/etc/ca.pem'
install.index-url='https://two.example/simple'
:env:.find-links='/wheels /more'
:env:.extra-index-url='https://three.example/simple'
:env:.disable-pip-version-check='1'
"""
    assert uv_variables(config) == {
        "UV_DEFAULT_INDEX": "https://two.example/simple",
        "SSL_CERT_FILE": "/etc/ca.pem",
        "UV_FIND_LINKS": "/wheels,/more",
        "UV_INDEX": "https://three.example/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }


def test_a_variable_of_pip_goes_before_its_files() -> None:
    config = ":env:.index-url='https://env.example/simple'\nglobal.index-url='https://file.example/simple'"
    assert uv_variables(config) == {"UV_DEFAULT_INDEX": "https://env.example/simple"}


def test_where_pip_is_not_set_up_uv_is_told_nothing() -> None:
    assert uv_variables("") == {}
