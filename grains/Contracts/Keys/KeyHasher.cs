using System.Security.Cryptography;
using System.Text;

namespace DeployCard.Contracts.Keys;

/// <summary>
/// Keyed hash under which secrets are stored: HMAC-SHA-256 (RFC 2104) with a secret of this installation. With a copy of the database
/// alone, an attacker cannot test guesses.
/// </summary>
public sealed class KeyHasher : IDisposable
{
    /// <summary>Length of a hash in bytes.</summary>
    public const int HashLength = HMACSHA256.HashSizeInBytes;

    // Cached per thread: setting up a keyed hash costs as much as computing one.
    private readonly ThreadLocal<IncrementalHash> hmac;

    /// <summary>Creates a hasher with the secret of this installation.</summary>
    /// <param name="pepper">Secret of the installation, at least 32 bytes.</param>
    public KeyHasher(byte[] pepper)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pepper.Length, 32);
        hmac = new(() => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, pepper));
    }

    /// <inheritdoc/>
    public void Dispose() => hmac.Dispose();

    /// <summary>Returns the hash of a secret as 64 hexadecimal digits.</summary>
    public string Hash(string text)
    {
        Span<byte> hash = stackalloc byte[HashLength];
        Hash(text, hash);
        return Convert.ToHexStringLower(hash);
    }

    /// <summary>Computes the hash of a secret without allocating.</summary>
    /// <param name="text">Secret, at most 256 ASCII characters.</param>
    /// <param name="hash">Buffer that receives <see cref="HashLength"/> bytes.</param>
    public void Hash(ReadOnlySpan<char> text, Span<byte> hash)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(text.Length, 256);
        Span<byte> ascii = stackalloc byte[256];
        var length = Encoding.ASCII.GetBytes(text, ascii);
        hmac.Value!.AppendData(ascii[..length]);
        hmac.Value.GetHashAndReset(hash);
    }
}
