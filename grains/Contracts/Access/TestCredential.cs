using System.Runtime.InteropServices;
using System.Security.Cryptography;
using DeployCard.Contracts.Keys;

namespace DeployCard.Contracts.Access;

/// <summary>
/// Credential with which the API test of the card has access to every deployment. It is created at the start of the silo and exists only
/// in its memory. With it, a test request takes the same path as the requests of clients, without an API key.
/// </summary>
public sealed class TestCredential
{
    /// <summary>Prefix of the credential, which distinguishes it from an API key.</summary>
    public const string Prefix = "dct_";

    /// <summary>The credential, as it is sent in the header of the API key.</summary>
    public string Text { get; } = KeyText.Create(Prefix);

    /// <summary>Whether the text is this credential. The comparison takes constant time.</summary>
    public bool Matches(ReadOnlySpan<char> text) =>
        CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(text), MemoryMarshal.AsBytes(Text.AsSpan()));
}
