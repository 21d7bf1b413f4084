using System.Security.Cryptography;
using System.Text;

namespace DeployCard.Grains.Keys;

/// <summary>
/// The keyed hash under which secrets are stored: HMAC-SHA-256 (RFC 2104) with a secret of this installation, so that a copy of the
/// database alone allows no guess to be tried.
/// </summary>
public sealed class KeyHasher : IDisposable
{
    /// <summary>The length of a hash in bytes.</summary>
    public const int HashLength = HMACSHA256.HashSizeInBytes;

    // Made once for each thread: to begin a keyed hash costs as much as to make it.
    private readonly ThreadLocal<IncrementalHash> hmac;

    /// <summary>A hasher with the secret of this installation.</summary>
    /// <param name="pepper">At least 32 bytes.</param>
    public KeyHasher(byte[] pepper)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pepper.Length, 32);
        hmac = new(() => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, pepper));
    }

    /// <inheritdoc/>
    public void Dispose() => hmac.Dispose();

    /// <summary>The hash as 64 hexadecimal digits.</summary>
    public string Hash(string text)
    {
        Span<byte> hash = stackalloc byte[HashLength];
        Hash(text, hash);
        return Convert.ToHexStringLower(hash);
    }

    /// <summary>The hash, without an allocation.</summary>
    /// <param name="text">The secret, at most 256 characters of ASCII.</param>
    /// <param name="hash">Takes <see cref="HashLength"/> bytes.</param>
    public void Hash(ReadOnlySpan<char> text, Span<byte> hash)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(text.Length, 256);
        Span<byte> ascii = stackalloc byte[256];
        var length = Encoding.ASCII.GetBytes(text, ascii);
        hmac.Value!.AppendData(ascii[..length]);
        hmac.Value.GetHashAndReset(hash);
    }
}
