using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace DeployCard.Contracts.Callbacks;

/// <summary>
/// Decides which addresses callbacks may reach: public addresses, and addresses that the settings allow. Anyone with an API key may name
/// any host. Without this check, callers could send requests into the private network of the silo (server-side request forgery).
/// </summary>
public sealed class CallbackAddressPolicy(IOptions<CallbackOptions> options)
{
    /// <summary>The IANA registry of special-purpose IPv4 addresses, except those that are globally reachable.</summary>
    private static readonly IPNetwork[] SpecialPurposeIPv4 =
    [
        IPNetwork.Parse("0.0.0.0/8"), // current network
        IPNetwork.Parse("10.0.0.0/8"), // private
        IPNetwork.Parse("100.64.0.0/10"), // carrier-grade NAT; some clouds use it for their metadata service
        IPNetwork.Parse("127.0.0.0/8"), // loopback
        IPNetwork.Parse("168.63.129.16/32"), // public address that Azure uses for services of the host
        IPNetwork.Parse("169.254.0.0/16"), // link-local; most clouds use it for their metadata service
        IPNetwork.Parse("172.16.0.0/12"), // private
        IPNetwork.Parse("192.0.0.0/24"), // protocol assignments
        IPNetwork.Parse("192.0.2.0/24"), // documentation
        IPNetwork.Parse("192.88.99.0/24"), // 6to4 relays
        IPNetwork.Parse("192.168.0.0/16"), // private
        IPNetwork.Parse("198.18.0.0/15"), // benchmarking
        IPNetwork.Parse("198.51.100.0/24"), // documentation
        IPNetwork.Parse("203.0.113.0/24"), // documentation
        IPNetwork.Parse("224.0.0.0/4"), // multicast
        IPNetwork.Parse("240.0.0.0/4"), // reserved, including broadcast
    ];

    /// <summary>
    /// Global unicast IPv6 addresses. Loopback, private, link-local, multicast and IPv4-compatible addresses are outside.
    /// </summary>
    private static readonly IPNetwork GlobalUnicastIPv6 = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] SpecialPurposeIPv6 =
    [
        IPNetwork.Parse("2001::/23"), // protocol assignments, including Teredo
        IPNetwork.Parse("2001:db8::/32"), // documentation
        IPNetwork.Parse("3fff::/20"), // documentation
    ];

    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    private readonly IPNetwork[] networks = [.. options.Value.AllowedNetworks.Select(network => IPNetwork.Parse(network))];
    private readonly HashSet<string> hosts = new(options.Value.AllowedHosts, StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Whether an address is globally reachable on the Internet. An embedded IPv4 address (mapped, 6to4, NAT64) is checked instead.
    /// </summary>
    public static bool IsPublic(IPAddress address)
    {
        address = Unmap(address);
        if (address.AddressFamily is AddressFamily.InterNetwork)
            return !Array.Exists(SpecialPurposeIPv4, network => network.Contains(address));
        var bytes = address.GetAddressBytes();
        if (SixToFour.Contains(address))
            return IsPublic(new IPAddress(bytes.AsSpan(2, 4)));
        if (Nat64.Contains(address))
            return IsPublic(new IPAddress(bytes.AsSpan(12, 4)));
        return GlobalUnicastIPv6.Contains(address) && !Array.Exists(SpecialPurposeIPv6, network => network.Contains(address));
    }

    /// <summary>Whether callbacks may reach an address, because it is public or in an allowed network.</summary>
    public bool Allows(IPAddress address) => IsPublic(address) || Array.Exists(networks, network => network.Contains(Unmap(address)));

    /// <summary>Whether callbacks may reach a host regardless of its addresses.</summary>
    public bool AllowsHost(string host) => hosts.Contains(host.TrimEnd('.'));

    /// <summary>Converts an IPv4-mapped IPv6 address to IPv4.</summary>
    private static IPAddress Unmap(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
