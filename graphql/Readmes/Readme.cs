using System.Security.Claims;
using System.Text;
using DeployCard.Client.Cluster;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Readmes;
using DeployCard.Contracts.Results;

namespace DeployCard.GraphQL.Readmes;

/// <summary>Description of a deployment.</summary>
public sealed class Readme
{
    private readonly Contracts.Readmes.Readme readme;

    internal Readme(Contracts.Readmes.Readme readme) => this.readme = readme;

    /// <summary>Source text in GitHub Flavored Markdown, as it was saved.</summary>
    public string Markdown => readme.Markdown;

    /// <summary>Rendered and sanitized HTML, safe to display.</summary>
    public string Html() => ReadmeRenderer.Render(readme.Markdown);

    /// <summary>Version number, incremented by 1 with each save; 0 if no readme was saved.</summary>
    public int Version => readme.Version;

    /// <summary>Time of the last save; null if no readme was saved.</summary>
    public DateTimeOffset? UpdatedAt => readme.UpdatedAt;

    /// <summary>Name of the user who saved the readme; null if no readme was saved.</summary>
    public string? UpdatedBy => readme.UpdatedBy;
}

/// <summary>Queries that render readmes and provide a template.</summary>
[QueryType]
public static class ReadmeQueries
{
    /// <summary>Renders Markdown as sanitized HTML without saving it.</summary>
    /// <param name="markdown">Text in GitHub Flavored Markdown, at most 256 KiB of UTF-8.</param>
    public static string ReadmePreview(string markdown) =>
        Encoding.UTF8.GetByteCount(markdown) is var bytes and > IReadmeGrain.MaxBytes
            ? throw new ApiException(
                ErrorCodes.InvalidInput,
                $"markdown must be at most {IReadmeGrain.MaxBytes} bytes of UTF-8; got {bytes}."
            )
            : ReadmeRenderer.Render(markdown);

    /// <summary>Returns a readme template in GitHub Flavored Markdown.</summary>
    public static string ReadmeSample() => ReadmeSamples.Markdown;
}

/// <summary>Mutations that save readmes.</summary>
[MutationType]
public sealed class ReadmeMutations(IGrainFactory grains, GrainRetry retry)
{
    /// <summary>
    /// Saves a readme. Fails with <c>VERSION_CONFLICT</c> if the current version is not <c>expectedVersion</c>, and then overwrites
    /// nothing.
    /// </summary>
    /// <param name="input">The readme to save.</param>
    /// <param name="caller">Authenticated caller of the operation.</param>
    /// <param name="ct">Token that cancels the operation.</param>
    public async Task<SaveReadmePayload> SaveReadme(SaveReadmeInput input, ClaimsPrincipal caller, CancellationToken ct)
    {
        var (deployment, error) = await retry.Find(grains, input.Deployment, ct);
        if (deployment is null)
            return new(null, [error!]);
        var name = deployment.Name;
        var outcome = await grains.GetGrain<IReadmeGrain>(name.Value).Save(input.Markdown, input.ExpectedVersion, caller.GetActor(), ct);
        if (!outcome.Succeeded)
            return new(null, UserErrors.From(outcome.Errors));
        await grains
            .GetGrain<IDeploymentGrain>(name.Value)
            .RecordEvent(EventKind.ReadmeUpdated, $"Readme version {outcome.Value.Version} was saved.", caller.GetActor());
        return new(new Readme(outcome.Value), []);
    }
}

/// <summary>Input for saving a readme.</summary>
/// <param name="Deployment">Name of the deployment.</param>
/// <param name="Markdown">Text in GitHub Flavored Markdown, at most 256 KiB of UTF-8.</param>
/// <param name="ExpectedVersion">Version that the author last read; 0 if no readme was saved.</param>
public sealed record SaveReadmeInput(string Deployment, string Markdown, int ExpectedVersion);

/// <summary>Result of the mutation <c>saveReadme</c>.</summary>
/// <param name="Readme">The saved readme; null if the mutation failed.</param>
/// <param name="Errors">Errors that prevented saving; empty on success.</param>
public sealed record SaveReadmePayload(Readme? Readme, IReadOnlyList<UserError> Errors);
