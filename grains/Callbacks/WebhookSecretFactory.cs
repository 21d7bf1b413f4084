using System.Security.Cryptography;
using System.Text;

namespace DeployCard.Grains.Callbacks;

/// <summary>
/// Derives the secrets of webhooks from the secret of this installation (HKDF with SHA-256, RFC 5869), so that none is stored: a copy of the
/// database alone lets nobody sign.
/// </summary>
/// <param name="installationSecret">At least 32 bytes.</param>
public sealed class WebhookSecretFactory(byte[] installationSecret)
{
    /// <summary>What stands before the base64 of a secret's text.</summary>
    public const string Prefix = "whsec_";

    private const int Length = 32;

    private readonly byte[] installationSecret =
        installationSecret.Length >= 32
            ? installationSecret
            : throw new ArgumentOutOfRangeException(
                nameof(installationSecret),
                installationSecret.Length,
                "The secret of an installation has at least 32 bytes."
            );

    /// <summary>The bytes of a secret; the same ones each time.</summary>
    /// <param name="deployment">The deployment, told from earlier ones of its name.</param>
    /// <param name="id">The secret's id.</param>
    public byte[] Derive(Guid deployment, string id) =>
        HKDF.DeriveKey(
            HashAlgorithmName.SHA256,
            installationSecret,
            Length,
            info: Encoding.UTF8.GetBytes($"deploycard webhook secret\n{deployment:N}\n{id}")
        );

    /// <summary>A secret as its receiver gets it.</summary>
    public string Text(Guid deployment, string id) => Prefix + Convert.ToBase64String(Derive(deployment, id));
}
