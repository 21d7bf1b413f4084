using System.ComponentModel.DataAnnotations;
using DeployCard.Client.Deployments;
using DeployCard.Contracts.Deployments;

namespace DeployCard.GraphQL.Deployments;

/// <summary>A set of deployments, each in its current state.</summary>
/// <param name="IsSnapshot">Whether this is a snapshot that replaces everything received before. Sent first, and again if changes may have
/// been lost because the client was slow or disconnected; the client should then reload deployments beyond the snapshot.</param>
/// <param name="HasMore">Whether more deployments match than the snapshot contains; read them with <c>deployments</c>. Always false if
/// <c>isSnapshot</c> is false.</param>
/// <param name="Deployments">Deployments of the snapshot, or the deployments that changed.</param>
public sealed record DeploymentChanges(bool IsSnapshot, bool HasMore, IReadOnlyList<Deployment> Deployments)
{
    internal static DeploymentChanges From(FleetUpdate update) =>
        update switch
        {
            FleetUpdate.Snapshot present => new(
                true,
                present.Page.HasNext,
                [.. present.Page.Items.Select(item => new Deployment(item.Item))]
            ),
            FleetUpdate.Delta changed => new(false, false, [.. changed.Deployments.Select(view => new Deployment(view))]),
            _ => throw new InvalidOperationException($"The subscription returned an unknown update: {update}."),
        };
}

/// <summary>Filter for the deployments to watch. All given conditions must match; omitted conditions match every deployment.</summary>
/// <param name="Search">Text that the name or the title must contain, case-insensitive, at most 100 characters; null matches all.</param>
/// <param name="Names">Names to include, at most 200; null or empty includes all.</param>
/// <param name="Labels">Labels that the deployment must have, at most 10; null or empty matches all.</param>
public sealed record DeploymentsChangedFilterInput(
    [property: StringLength(100)] string? Search = null,
    [property: MaxLength(200)] IReadOnlyList<string>? Names = null,
    [property: MaxLength(10)] IReadOnlyList<LabelFilter>? Labels = null
)
{
    internal static FleetFilter ToFilter(DeploymentsChangedFilterInput? input) =>
        new(input?.Search, input?.Names is { Count: > 0 } names ? names : null, input?.Labels is { Count: > 0 } labels ? labels : null);
}
