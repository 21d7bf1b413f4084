using System.Runtime.InteropServices;
using System.Security.Cryptography;
using DeployCard.Grains.Keys;

namespace DeployCard.Silo.Access;

/// <summary>
/// Opens every deployment to the API test of this process: made at its start, known to nobody else, gone with it. With it the test
/// takes the very way that programs take, and no key has to be made for it.
/// </summary>
internal sealed class TestCredential
{
    public const string Prefix = "dct_";

    public string Text { get; } = KeyText.New(Prefix);

    public bool Is(ReadOnlySpan<char> text) =>
        CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(text), MemoryMarshal.AsBytes(Text.AsSpan()));
}
