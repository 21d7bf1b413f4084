using DeployCard.Contracts.Results;

namespace DeployCard.Contracts.Readmes;

/// <summary>The readme of one deployment; the key is the name of the deployment.</summary>
[Alias("readme")]
public interface IReadmeGrain : IGrainWithStringKey
{
    /// <summary>Maximum size of a readme: 256 KiB of UTF-8.</summary>
    const int MaxBytes = 256 * 1024;

    /// <summary>Returns the readme; an empty one with version 0 if none was saved.</summary>
    Task<Readme> Get();

    /// <summary>Saves a readme if its version has not changed since the user read it.</summary>
    /// <param name="markdown">GitHub Flavored Markdown of at most <see cref="MaxBytes"/> bytes of UTF-8.</param>
    /// <param name="expectedVersion">
    /// Version that the user edited. If the stored version differs, nothing is saved and the conflict is returned.
    /// </param>
    /// <param name="actor">Name of the user who saves the readme.</param>
    /// <param name="cancellationToken">Cancels writing the readme.</param>
    Task<Outcome<Readme>> Save(string markdown, int expectedVersion, string actor, CancellationToken cancellationToken);

    /// <summary>Stores the first readme of a new deployment and resets the version to 1.</summary>
    Task Initialize(string markdown, string actor, CancellationToken cancellationToken);

    /// <summary>Removes the readme permanently.</summary>
    Task Remove(CancellationToken cancellationToken);
}

/// <summary>A readme with its version.</summary>
/// <param name="Markdown">Source text: GitHub Flavored Markdown.</param>
/// <param name="Version">Version number, increased by one with each save; 0 before the first save.</param>
/// <param name="UpdatedAt">Time of the last save, UTC; null before the first save.</param>
/// <param name="UpdatedBy">Name of the user who saved the readme last; null before the first save.</param>
[GenerateSerializer, Alias("readme-view"), Immutable]
public sealed record Readme(
    [property: Id(0)] string Markdown,
    [property: Id(1)] int Version,
    [property: Id(2)] DateTimeOffset? UpdatedAt,
    [property: Id(3)] string? UpdatedBy
);
