using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DeployCard.Contracts.Callbacks;

/// <summary>Signs callbacks according to Standard Webhooks 1.0 (https://www.standardwebhooks.com) with symmetric secrets.</summary>
public static class WebhookSignature
{
    /// <summary>Name of the header with the id of the event, which is the same for all its deliveries.</summary>
    public const string IdHeader = "webhook-id";

    /// <summary>Name of the header with the time of the delivery, in seconds since 1970.</summary>
    public const string TimestampHeader = "webhook-timestamp";

    /// <summary>Name of the header with the signatures.</summary>
    public const string SignatureHeader = "webhook-signature";

    /// <summary>Returns the value of <see cref="TimestampHeader"/>.</summary>
    public static string FormatTimestamp(DateTimeOffset at) => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>Returns the value of <see cref="SignatureHeader"/>: one signature per secret, separated by spaces.</summary>
    /// <param name="secrets">The bytes of the valid secrets.</param>
    /// <param name="id">The value of <see cref="IdHeader"/>; must not contain a period.</param>
    /// <param name="timestamp">The value of <see cref="TimestampHeader"/>.</param>
    /// <param name="body">The request body exactly as it is sent.</param>
    public static string Sign(IEnumerable<byte[]> secrets, string id, string timestamp, ReadOnlySpan<byte> body)
    {
        byte[] signed = [.. Encoding.ASCII.GetBytes($"{id}.{timestamp}."), .. body];
        return string.Join(' ', secrets.Select(secret => $"v1,{Convert.ToBase64String(HMACSHA256.HashData(secret, signed))}"));
    }
}
