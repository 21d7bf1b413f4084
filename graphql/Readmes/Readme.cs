using System.Security.Claims;
using System.Text;
using DeployCard.Grains.Cluster;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Readmes;
using DeployCard.Grains.Results;

namespace DeployCard.GraphQL.Readmes;

/// <summary>A deployment's description.</summary>
public sealed class Readme
{
    private readonly Grains.Readmes.Readme readme;

    internal Readme(Grains.Readmes.Readme readme) => this.readme = readme;

    /// <summary>What was written: GitHub Flavored Markdown.</summary>
    public string Markdown => readme.Markdown;

    /// <summary>The same as HTML that is safe to show.</summary>
    public string Html() => ReadmeRenderer.Render(readme.Markdown);

    /// <summary>Grows by one with each save; 0 before the first.</summary>
    public int Version => readme.Version;

    /// <summary>When it was saved.</summary>
    public DateTimeOffset? UpdatedAt => readme.UpdatedAt;

    /// <summary>Who saved it.</summary>
    public string? UpdatedBy => readme.UpdatedBy;
}

/// <summary>Reads readmes.</summary>
[QueryType]
public static class ReadmeQueries
{
    /// <summary>What Markdown would look like: HTML that is safe to show. Nothing is saved.</summary>
    /// <param name="markdown">GitHub Flavored Markdown of at most 256 KiB.</param>
    public static string ReadmePreview(string markdown) =>
        Encoding.UTF8.GetByteCount(markdown) is var bytes and > IReadmeGrain.MostBytes
            ? throw new ApiException(
                ErrorCodes.Invalid,
                $"markdown must be at most {IReadmeGrain.MostBytes} bytes of UTF-8; {bytes} were given."
            )
            : ReadmeRenderer.Render(markdown);

    /// <summary>A readme to begin with.</summary>
    public static string ReadmeSample() => ReadmeSamples.Markdown;
}

/// <summary>Saves readmes.</summary>
[MutationType]
public sealed class ReadmeMutations(IGrainFactory grains, RepeatableCalls calls)
{
    /// <summary>Saves a readme on top of the version that its writer saw; another version there is told as a conflict and not overwritten.</summary>
    /// <param name="input">What to save.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="ct">The operation's.</param>
    public async Task<SaveReadmePayload> SaveReadme(SaveReadmeInput input, ClaimsPrincipal caller, CancellationToken ct)
    {
        if (
            !DeploymentName.TryParse(input.Deployment, out var name)
            || await calls.Make(grains.GetGrain<IDeploymentGrain>(name.Value).Get, ct) is not { } deployment
        )
            return new(null, UserErrors.One("deployment", ErrorCodes.NotFound, $"There is no deployment named '{input.Deployment}'."));
        if (deployment.DeletedAt is not null)
            return new(
                null,
                UserErrors.One(
                    "deployment",
                    ErrorCodes.DeploymentDeleted,
                    $"Deployment '{name}' was deleted: its readme can be read, not changed."
                )
            );
        var outcome = await grains.GetGrain<IReadmeGrain>(name.Value).Save(input.Markdown, input.ExpectedVersion, caller.Actor(), ct);
        if (!outcome.Succeeded)
            return new(null, UserErrors.Of(outcome.Errors));
        await grains
            .GetGrain<IDeploymentGrain>(name.Value)
            .Note(EventKind.ReadmeUpdated, $"Readme version {outcome.Value.Version} was saved.", caller.Actor());
        return new(new Readme(outcome.Value), []);
    }
}

/// <summary>A readme to save.</summary>
/// <param name="Deployment">The deployment's name.</param>
/// <param name="Markdown">GitHub Flavored Markdown of at most 256 KiB.</param>
/// <param name="ExpectedVersion">The version that the writer saw.</param>
public sealed record SaveReadmeInput(string Deployment, string Markdown, int ExpectedVersion);

/// <summary>What came of saving a readme.</summary>
/// <param name="Readme">The readme; null when there are errors.</param>
/// <param name="Errors">Why it was not saved; empty when it was.</param>
public sealed record SaveReadmePayload(Readme? Readme, IReadOnlyList<UserError> Errors);
