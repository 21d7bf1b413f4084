namespace DeployCard.Common.Text;

/// <summary>Extracts the token from <c>Bearer …</c>. The token must be passed only to the authenticator and never be logged.</summary>
public static class BearerToken
{
    private const string Scheme = "Bearer ";

    /// <summary>Returns the token in the value of an <c>Authorization</c> header, or null if there is no token.</summary>
    public static string? Parse(string? authorization)
    {
        if (authorization?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) != true)
            return null;
        var token = authorization[Scheme.Length..].Trim();
        return token.Length == 0 ? null : token;
    }
}
