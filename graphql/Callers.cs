using System.Security.Claims;

namespace DeployCard.GraphQL;

/// <summary>Who asks, for the events.</summary>
internal static class Callers
{
    public static string Actor(this ClaimsPrincipal caller) => caller.Identity?.Name ?? "somebody";
}
