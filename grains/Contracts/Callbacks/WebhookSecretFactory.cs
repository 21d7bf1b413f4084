using System.Security.Cryptography;
using System.Text;

namespace DeployCard.Contracts.Callbacks;

/// <summary>
/// Derives webhook secrets from the secret of this installation (HKDF with SHA-256, RFC 5869), so none of them is stored. A copy of the
/// database alone is not sufficient to sign callbacks.
/// </summary>
/// <param name="installationSecret">The secret of the installation, at least 32 bytes.</param>
public sealed class WebhookSecretFactory(byte[] installationSecret)
{
    /// <summary>Prefix of the base64 text of a secret.</summary>
    public const string Prefix = "whsec_";

    private const int Length = 32;

    private readonly byte[] installationSecret =
        installationSecret.Length >= 32
            ? installationSecret
            : throw new ArgumentOutOfRangeException(
                nameof(installationSecret),
                installationSecret.Length,
                "The secret of an installation must have at least 32 bytes."
            );

    /// <summary>Derives the bytes of a secret. The same arguments always give the same bytes.</summary>
    /// <param name="deployment">Unique id of the deployment.</param>
    /// <param name="id">Id of the secret.</param>
    public byte[] Derive(Guid deployment, string id) =>
        HKDF.DeriveKey(
            HashAlgorithmName.SHA256,
            installationSecret,
            Length,
            info: Encoding.UTF8.GetBytes($"deploycard webhook secret\n{deployment:N}\n{id}")
        );

    /// <summary>Returns the text of a secret in the format of Standard Webhooks, for its receiver.</summary>
    public string DeriveText(Guid deployment, string id) => Prefix + Convert.ToBase64String(Derive(deployment, id));
}
