using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DeployCard.Grains.Callbacks;

/// <summary>Signs as Standard Webhooks 1.0 describes (https://www.standardwebhooks.com), with symmetric secrets.</summary>
public static class WebhookSignature
{
    /// <summary>The field with the id of what happened: the same at every delivery of it.</summary>
    public const string IdHeader = "webhook-id";

    /// <summary>The field with the time of this delivery, in seconds since 1970.</summary>
    public const string TimestampHeader = "webhook-timestamp";

    /// <summary>The field with the signatures.</summary>
    public const string SignatureHeader = "webhook-signature";

    /// <summary>The value of <see cref="TimestampHeader"/>.</summary>
    public static string Timestamp(DateTimeOffset at) => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>The value of <see cref="SignatureHeader"/>: one signature for each secret, with a space between.</summary>
    /// <param name="secrets">The bytes of the secrets that are valid.</param>
    /// <param name="id">The value of <see cref="IdHeader"/>, without a full stop.</param>
    /// <param name="timestamp">The value of <see cref="TimestampHeader"/>.</param>
    /// <param name="body">The body just as it is sent.</param>
    public static string Of(IEnumerable<byte[]> secrets, string id, string timestamp, ReadOnlySpan<byte> body)
    {
        byte[] signed = [.. Encoding.ASCII.GetBytes($"{id}.{timestamp}."), .. body];
        return string.Join(' ', secrets.Select(secret => $"v1,{Convert.ToBase64String(HMACSHA256.HashData(secret, signed))}"));
    }
}
