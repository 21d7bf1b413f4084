using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace DeployCard.Grains.Keys;

/// <summary>
/// The text of a secret: a prefix that tells what it is, 32 random bytes, and a checksum, so that a typing error is refused without a look-up.
/// As in <c>dck_</c> + 43 characters (base64url, RFC 4648) + 6 characters of the SHA-256 of what stands before.
/// </summary>
public static class KeyText
{
    /// <summary>The prefix of a deployment's key.</summary>
    public const string KeyPrefix = "dck_";

    /// <summary>The prefix of an administrator's token.</summary>
    public const string AdministratorPrefix = "dca_";

    /// <summary>How many characters of a key people see in lists, its prefix included.</summary>
    public const int Shown = 10;

    private const int SecretLength = 43;
    private const int ChecksumLength = 6;

    /// <summary>The length of every text.</summary>
    public const int Length = 4 + SecretLength + ChecksumLength;

    /// <summary>A new secret from the system's random source.</summary>
    public static string New(string prefix)
    {
        var secret = prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        return secret + Checksum(secret);
    }

    /// <summary>Whether a text can be a secret of that prefix: its form and its checksum are right.</summary>
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
