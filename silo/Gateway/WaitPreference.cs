using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.Extensions.Primitives;

namespace DeployCard.Gateway;

/// <summary>Preferred waiting time of a client before the response: <c>Prefer: wait=N</c> (RFC 7240, section 4.3).</summary>
internal static class WaitPreference
{
    /// <summary>Request header in which a client states its preferences.</summary>
    public const string Header = "Prefer";

    /// <summary>Response header that lists the preferences that were applied.</summary>
    public const string AppliedHeader = "Preference-Applied";

    /// <summary>
    /// Maximum waiting time in seconds: long enough to save requests, short enough for the timeouts of proxies between client and silo.
    /// </summary>
    public const int MaxSeconds = 60;

    /// <summary>
    /// Returns the preferred waiting time in seconds, from 0 to <see cref="MaxSeconds"/>; a larger value is reduced to the maximum. Returns
    /// null if there is no such preference or its value is invalid.
    /// </summary>
    public static int? Parse(StringValues prefer)
    {
        // If a preference occurs twice, the first one counts.
        var wait = prefer
            .SelectMany(value => Elements(value ?? ""))
            .Select(ParseElement)
            .FirstOrDefault(p => p?.Name.Equals("wait", StringComparison.OrdinalIgnoreCase) is true);
        return double.TryParse(wait?.Value?.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? (int)Math.Min(seconds, MaxSeconds)
            : null;
    }

    private static NameValueWithParametersHeaderValue? ParseElement(string element) =>
        NameValueWithParametersHeaderValue.TryParse(element, out var parsed) ? parsed : null;

    /// <summary>Splits a header value into its elements. A comma within quotes does not separate elements.</summary>
    private static IEnumerable<string> Elements(string value)
    {
        var (start, isQuoted) = (0, false);
        for (var at = 0; at < value.Length; at++)
        {
            if (isQuoted && value[at] == '\\')
            {
                at++;
            }
            else if (value[at] == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (value[at] == ',' && !isQuoted)
            {
                yield return value[start..at];
                start = at + 1;
            }
        }

        yield return value[start..];
    }
}
