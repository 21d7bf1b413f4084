using System.Net;
using System.Text;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Callbacks;

/// <summary>
/// Reads the address that a caller wants to be told at. What its name leads to is checked later, at each connection: a name that is harmless
/// now may lead elsewhere then.
/// </summary>
internal sealed class CallbackTarget(CallbackAddresses addresses, IOptions<CallbackOptions> options)
{
    /// <summary>The longest address in characters.</summary>
    public const int MostCharacters = 2_048;

    private string Schemes => options.Value.AllowHttp ? "https or http" : "https";

    /// <summary>The address; where it is not good, what it must be instead, as in <c>without a fragment (#…)</c>.</summary>
    public (Uri? Url, string? MustBe) Read(string text)
    {
        if (text.Length > MostCharacters)
            return (null, $"at most {MostCharacters} characters long");
        if (!Ascii.IsValid(text))
            return (null, "of ASCII characters: in the path the others are written as %…, in the host's name as xn--…");
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || !IsSchemeAllowed(url) || url.Host.Length == 0)
            return (null, $"an absolute URL with {Schemes}, as in https://hooks.example.com/done");
        if (Authority(text).Contains('@'))
            return (null, "without a user name or password");
        if (text.Contains('#'))
            return (null, "without a fragment (#…)");
        return IsHostAllowed(url.IdnHost)
            ? (url, null)
            : (null, "at a public host, or at one that the settings Callbacks:AllowedHosts or Callbacks:AllowedNetworks name");
    }

    private bool IsSchemeAllowed(Uri url) =>
        (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && options.Value.AllowHttp))
        && url.OriginalString.StartsWith($"{url.Scheme}://", StringComparison.OrdinalIgnoreCase);

    /// <summary>Host and port as they were written, with what may stand before them.</summary>
    private static ReadOnlySpan<char> Authority(ReadOnlySpan<char> text)
    {
        var rest = text[(text.IndexOf("://") + 3)..];
        return rest.IndexOfAny("/\\?#") is >= 0 and var end ? rest[..end] : rest;
    }

    private bool IsHostAllowed(string host)
    {
        if (addresses.AllowsHost(host))
            return true;
        var plain = host.TrimEnd('.');
        if (IPAddress.TryParse(plain, out var address))
            return addresses.Allows(address);
        // Whatever a resolver makes of it, this name is the silo's own machine (RFC 6761).
        if (
            plain.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || plain.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        )
            return addresses.Allows(IPAddress.Loopback) || addresses.Allows(IPAddress.IPv6Loopback);
        return Uri.CheckHostName(plain) is UriHostNameType.Dns;
    }
}
