namespace DeployCard.Contracts.Access;

/// <summary>
/// The administrator of this installation. There is exactly one, and only the keyed hash of the administrator's token is stored.
/// </summary>
[Alias("administrator")]
public interface IAdministratorGrain : IGrainWithIntegerKey
{
    /// <summary>Returns the keyed hash of the token; null before there is a token.</summary>
    Task<string?> GetTokenHash();

    /// <summary>
    /// Stores the keyed hash of the first token if there is no token yet. Returns whether the given hash is the stored one, so that the
    /// call can be retried.
    /// </summary>
    Task<bool> TryInitialize(string tokenHash, CancellationToken cancellationToken);

    /// <summary>Stores the keyed hash of a new token. The former token is no longer accepted.</summary>
    Task Replace(string tokenHash, CancellationToken cancellationToken);
}
