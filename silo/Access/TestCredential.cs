using System.Security.Cryptography;
using System.Text;
using DeployCard.Grains.Keys;

namespace DeployCard.Silo.Access;

/// <summary>
/// Opens every deployment to the API test of this process: made at its start, known to nobody else, gone with it. With it the test
/// takes the very way that programs take, and no key has to be made for it.
/// </summary>
internal sealed class TestCredential
{
    public const string Prefix = "dct_";

    private readonly byte[] bytes;

    public TestCredential()
    {
        Text = KeyText.New(Prefix);
        bytes = Encoding.ASCII.GetBytes(Text);
    }

    public string Text { get; }

    public bool Is(string text) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(text), bytes);
}
