using System.ComponentModel.DataAnnotations;
using DeployCard.Grains.Deployments;

namespace DeployCard.GraphQL.Deployments;

/// <summary>Deployments, each as it is now.</summary>
/// <param name="IsSnapshot">Whether these are those that there are: at first, and again when changes may have been left out because this client was slow or cut off. Read the others anew.</param>
/// <param name="HasMore">At a beginning, whether there are more than these, to be read with <c>deployments</c>; else false.</param>
/// <param name="Deployments">The deployments.</param>
public sealed record DeploymentChanges(bool IsSnapshot, bool HasMore, IReadOnlyList<Deployment> Deployments)
{
    internal static DeploymentChanges Of(FleetStep step) =>
        step switch
        {
            FleetStep.Present present => new(true, present.Page.HasNext, [.. present.Page.Items.Select(item => new Deployment(item.Item))]),
            FleetStep.Changed changed => new(false, false, [.. changed.Deployments.Select(view => new Deployment(view))]),
            _ => throw new InvalidOperationException($"There is no step {step}."),
        };
}

/// <summary>Which deployments to watch; all of them where nothing is said.</summary>
/// <param name="Search">A part of the name or the title, without regard to case, up to 100 characters.</param>
/// <param name="Names">Any of these, at most 200.</param>
public sealed record DeploymentsChangedFilterInput(
    [property: StringLength(100)] string? Search = null,
    [property: MaxLength(200)] IReadOnlyList<string>? Names = null
)
{
    internal static FleetFilter ToFilter(DeploymentsChangedFilterInput? input) =>
        new(input?.Search, input?.Names is { Count: > 0 } names ? names : null);
}
