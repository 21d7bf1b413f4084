using System.Security.Claims;

namespace DeployCard.GraphQL;

/// <summary>Names the caller of an operation for the event history.</summary>
internal static class ClaimsPrincipalExtensions
{
    public static string GetActor(this ClaimsPrincipal caller) => caller.Identity?.Name ?? "unknown";
}
