"""Which addresses the service may call on a client's behalf.

A client names the address that a recording is fetched from, and the one that a webhook goes to. Neither may lead into
the network that the service runs in: to this machine, to machines beside it, or to the service of a cloud that hands
out credentials. What counts as such are the special-purpose blocks of the IANA registries (RFC 6890 and its updates),
held here by name, so that the answer does not depend on the release of Python.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Self

from panglot.errors import OptionError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_PRIVATE: tuple[Network, ...] = tuple(
    ip_network(block)
    for block in (
        "127.0.0.0/8",  # this machine
        "::1/128",
        "10.0.0.0/8",  # private use, RFC 1918
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",  # shared by a provider's customers, RFC 6598
        "fc00::/7",  # unique local, RFC 4193
    )
)
"""What ``allow_private`` opens. Link-local addresses are not among them: there clouds hand out credentials."""

_NEVER_PUBLIC: tuple[Network, ...] = (
    *_PRIVATE,
    *(
        ip_network(block)
        for block in (
            "0.0.0.0/8",  # "this network"; 0.0.0.0 reaches this machine
            "169.254.0.0/16",  # link-local
            "192.0.0.0/24",  # protocol assignments
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # relays of 6to4
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and broadcast
            "2001::/23",  # protocol assignments, Teredo among them
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4: IPv4 addresses in disguise, and long retired
            "3fff::/20",  # documentation
        )
    ),
)

_GLOBAL_IPV6 = IPv6Network("2000::/3")
"""All that has been given out for global unicast. Loopback, link-local, multicast and reserved blocks lie outside."""

_NAT64 = IPv6Network("64:ff9b::/96")
"""IPv4 addresses as networks without IPv4 write them (RFC 6052)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressPolicy:
    """Which addresses may be called: public ones, and what is allowed here. See `allowing`."""

    allow_private: bool = False
    """Whether this machine and private networks may be called."""
    networks: tuple[Network, ...] = ()
    hosts: frozenset[str] = frozenset()
    """Names that may be called wherever they lead."""

    @classmethod
    def allowing(cls, allowed: Iterable[str] = (), *, allow_private: bool = False) -> Self:
        """Make a policy of what is written in settings.

        Parameters
        ----------
        allowed
            Addresses (``10.0.0.7``), networks (``10.0.0.0/8``) and host names (``media.example.org``).
        allow_private
            Whether this machine and private networks may be called.

        Returns
        -------
        AddressPolicy
            Public addresses are always allowed.

        Raises
        ------
        OptionError
            If an entry is none of the three.
        """
        networks: list[Network] = []
        hosts: set[str] = set()
        for entry in allowed:
            network = _network(entry)
            if network is None:
                hosts.add(normal_host(entry))
            else:
                networks.append(network)
        return cls(allow_private=allow_private, networks=tuple(networks), hosts=frozenset(hosts))

    def permits(self, host: str, address: Address) -> bool:
        """Say whether an address may be called.

        Parameters
        ----------
        host
            The name that led to the address, or the address itself.
        address
            What is going to be connected to.

        Returns
        -------
        bool
            True if it is public or allowed.
        """
        inner = embedded(address)
        return (
            is_public(inner)
            or normal_host(host) in self.hosts
            or any(_holds(network, inner) or _holds(network, address) for network in self.networks)
            or (self.allow_private and any(_holds(network, inner) for network in _PRIVATE))
        )


def is_public(address: Address) -> bool:
    """Return whether an address is reached over the public internet; one within another is judged by the inner one."""
    inner = embedded(address)
    if isinstance(inner, IPv6Address) and not _holds(_GLOBAL_IPV6, inner):
        return False
    return not any(_holds(network, inner) for network in _NEVER_PUBLIC)


def embedded(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address leads to (IPv4-mapped, NAT64), else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if _holds(_NAT64, address):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def normal_host(host: str) -> str:
    """Return a host's name in the form in which names are compared."""
    return host.strip().rstrip(".").lower()


def _holds(network: Network, address: Address) -> bool:
    return network.version == address.version and address in network


def _network(entry: str) -> Network | None:
    try:
        return ip_network(entry.strip())
    except ValueError:
        name = normal_host(entry)
        labels = name.split(".")
        if all(label.replace("-", "").isalnum() for label in labels) and not labels[-1].isdigit():
            return None
    raise OptionError(
        f"'{entry}' is no address, network or host name that can be allowed. "
        "Write for example 10.0.0.7, 10.0.0.0/8 or media.example.org."
    )
