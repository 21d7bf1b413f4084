using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Callbacks;

/// <summary>
/// Which addresses callbacks may reach: public ones, and those that the settings allow. Whoever has a key may name any host, so that without
/// this they could have requests sent into the network that the silo stands in.
/// </summary>
internal sealed class CallbackAddresses(IOptions<CallbackOptions> options)
{
    /// <summary>IANA's registry of special-purpose addresses, without those that are reachable from everywhere.</summary>
    private static readonly IPNetwork[] NotPublic4 =
    [
        IPNetwork.Parse("0.0.0.0/8"), // this network
        IPNetwork.Parse("10.0.0.0/8"), // private
        IPNetwork.Parse("100.64.0.0/10"), // carriers' translation; some clouds have their metadata here
        IPNetwork.Parse("127.0.0.0/8"), // loopback
        IPNetwork.Parse("168.63.129.16/32"), // a public address that is the host's own service on one cloud
        IPNetwork.Parse("169.254.0.0/16"), // link-local; most clouds have their metadata here
        IPNetwork.Parse("172.16.0.0/12"), // private
        IPNetwork.Parse("192.0.0.0/24"), // protocol assignments
        IPNetwork.Parse("192.0.2.0/24"), // documentation
        IPNetwork.Parse("192.88.99.0/24"), // relays of 6to4
        IPNetwork.Parse("192.168.0.0/16"), // private
        IPNetwork.Parse("198.18.0.0/15"), // benchmarks
        IPNetwork.Parse("198.51.100.0/24"), // documentation
        IPNetwork.Parse("203.0.113.0/24"), // documentation
        IPNetwork.Parse("224.0.0.0/4"), // multicast
        IPNetwork.Parse("240.0.0.0/4"), // reserved, and broadcast
    ];

    /// <summary>All of IPv6 that is given out. What lies outside is loopback, private, link-local, multicast, compatible to IPv4 …</summary>
    private static readonly IPNetwork Public6 = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] NotPublic6 =
    [
        IPNetwork.Parse("2001::/23"), // protocol assignments, Teredo among them
        IPNetwork.Parse("2001:db8::/32"), // documentation
        IPNetwork.Parse("3fff::/20"), // documentation
    ];

    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    private readonly IPNetwork[] networks = [.. options.Value.AllowedNetworks.Select(network => IPNetwork.Parse(network))];
    private readonly HashSet<string> hosts = new(options.Value.AllowedHosts, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether an address is one that everybody on the Internet may reach, and nobody's own.</summary>
    public static bool IsPublic(IPAddress address)
    {
        address = Plain(address);
        if (address.AddressFamily is AddressFamily.InterNetwork)
            return !Array.Exists(NotPublic4, network => network.Contains(address));
        var bytes = address.GetAddressBytes();
        if (SixToFour.Contains(address))
            return IsPublic(new IPAddress(bytes.AsSpan(2, 4)));
        if (Nat64.Contains(address))
            return IsPublic(new IPAddress(bytes.AsSpan(12, 4)));
        return Public6.Contains(address) && !Array.Exists(NotPublic6, network => network.Contains(address));
    }

    /// <summary>Whether callbacks may reach an address.</summary>
    public bool Allows(IPAddress address) => IsPublic(address) || Array.Exists(networks, network => network.Contains(Plain(address)));

    /// <summary>Whether callbacks may reach a host whatever its addresses are.</summary>
    public bool AllowsHost(string host) => hosts.Contains(host.TrimEnd('.'));

    /// <summary>IPv4 in the clothes of IPv6 is IPv4.</summary>
    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
