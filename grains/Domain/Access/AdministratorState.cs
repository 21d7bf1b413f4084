namespace DeployCard.Domain.Access;

/// <summary>Stored state of the administrator.</summary>
[GenerateSerializer, Alias("administrator-state")]
public sealed class AdministratorState
{
    /// <summary>Keyed hash of the token, 64 hexadecimal digits; null before there is a token.</summary>
    [Id(0)]
    public string? TokenHash { get; set; }
}
