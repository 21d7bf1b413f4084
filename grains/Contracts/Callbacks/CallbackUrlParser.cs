using System.Net;
using System.Text;
using Microsoft.Extensions.Options;

namespace DeployCard.Contracts.Callbacks;

/// <summary>
/// Parses and validates the callback URL of a caller. The addresses of the host are checked at each connection, because the host name may
/// resolve to a different address later.
/// </summary>
public sealed class CallbackUrlParser(CallbackAddressPolicy addresses, IOptions<CallbackOptions> options)
{
    /// <summary>Maximum length of a URL in characters.</summary>
    public const int MaxLength = 2_048;

    private string Schemes => options.Value.AllowHttp ? "https or http" : "https";

    /// <summary>
    /// Returns the URL, or the requirement that <paramref name="text"/> violates, such as <c>without a fragment (#…)</c>.
    /// </summary>
    public (Uri? Url, string? MustBe) Parse(string text)
    {
        if (text.Length > MaxLength)
            return (null, $"at most {MaxLength} characters long");
        if (!Ascii.IsValid(text))
            return (null, "in ASCII characters only: encode others as %… in the path and as xn--… in the host name");
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || !IsSchemeAllowed(url) || url.Host.Length == 0)
            return (null, $"an absolute URL with {Schemes}, such as https://hooks.example.com/done");
        if (GetAuthority(text).Contains('@'))
            return (null, "without a user name or password");
        if (text.Contains('#'))
            return (null, "without a fragment (#…)");
        return IsHostAllowed(url.IdnHost)
            ? (url, null)
            : (null, "at a public host, or at a host allowed by the settings Callbacks:AllowedHosts or Callbacks:AllowedNetworks");
    }

    private bool IsSchemeAllowed(Uri url) =>
        (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && options.Value.AllowHttp))
        && url.OriginalString.StartsWith($"{url.Scheme}://", StringComparison.OrdinalIgnoreCase);

    /// <summary>Returns the authority part of a URL as it was written: user info, host and port.</summary>
    private static ReadOnlySpan<char> GetAuthority(ReadOnlySpan<char> text)
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
        // These names always mean the local machine, regardless of the resolver (RFC 6761).
        if (
            plain.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || plain.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        )
            return addresses.Allows(IPAddress.Loopback) || addresses.Allows(IPAddress.IPv6Loopback);
        return Uri.CheckHostName(plain) is UriHostNameType.Dns;
    }
}
