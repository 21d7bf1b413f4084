using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace DeployCard.Contracts.Keys;

/// <summary>
/// Text of a secret: a prefix that identifies its type, 32 random bytes and a checksum. The checksum rejects typing errors without a
/// lookup. Format: <c>dck_</c> + 43 characters (base64url, RFC 4648) + the first 6 base64url characters of the SHA-256 of the preceding
/// text.
/// </summary>
public static class KeyText
{
    /// <summary>Prefix of the key of a deployment.</summary>
    public const string KeyPrefix = "dck_";

    /// <summary>Prefix of the token of an administrator.</summary>
    public const string AdministratorPrefix = "dca_";

    /// <summary>Number of characters of a key that lists show, including its prefix.</summary>
    public const int DisplayLength = 10;

    private const int SecretLength = 43;
    private const int ChecksumLength = 6;

    /// <summary>Length of every secret in characters.</summary>
    public const int Length = 4 + SecretLength + ChecksumLength;

    /// <summary>Creates a secret with random bytes from the operating system.</summary>
    public static string Create(string prefix)
    {
        var secret = prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        return secret + Checksum(secret);
    }

    /// <summary>Whether the text has the form of a secret with this prefix and a matching checksum.</summary>
    public static bool IsWellFormed(ReadOnlySpan<char> text, string prefix)
    {
        if (text.Length != Length || !text.StartsWith(prefix, StringComparison.Ordinal))
            return false;
        Span<byte> ascii = stackalloc byte[Length];
        if (Encoding.ASCII.GetBytes(text, ascii) != Length)
            return false;
        Span<char> checksum = stackalloc char[ChecksumLength];
        Checksum(ascii[..^ChecksumLength], checksum);
        return checksum.SequenceEqual(text[^ChecksumLength..]);
    }

    private static string Checksum(string secret)
    {
        Span<char> checksum = stackalloc char[ChecksumLength];
        Checksum(Encoding.ASCII.GetBytes(secret), checksum);
        return new(checksum);
    }

    private static void Checksum(ReadOnlySpan<byte> secret, Span<char> checksum)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(secret, hash);
        Span<char> text = stackalloc char[44];
        Base64Url.EncodeToChars(hash, text);
        text[..ChecksumLength].CopyTo(checksum);
    }
}
