using DeployCard.Grains.Results;

namespace DeployCard.Grains.Readmes;

/// <summary>The readme of one deployment, by its name.</summary>
[Alias("readme")]
public interface IReadmeGrain : IGrainWithStringKey
{
    /// <summary>The longest readme in bytes of UTF-8: 256 KiB.</summary>
    const int MostBytes = 256 * 1024;

    /// <summary>The readme; an empty one of version 0 where there is none.</summary>
    Task<Readme> Get();

    /// <summary>Saves a readme on top of the version that its writer saw.</summary>
    /// <param name="markdown">GitHub Flavored Markdown of at most <see cref="MostBytes"/>.</param>
    /// <param name="expectedVersion">The version that the writer saw; when another one is there, that is told and nothing is overwritten.</param>
    /// <param name="actor">Who saves it.</param>
    /// <param name="cancellationToken">Ends the caller's wait.</param>
    Task<Outcome<Readme>> Save(string markdown, int expectedVersion, string actor, CancellationToken cancellationToken);

    /// <summary>Starts anew with the first readme of a new deployment.</summary>
    Task Begin(string markdown, string actor, CancellationToken cancellationToken);

    /// <summary>Removes it for good.</summary>
    Task Remove(CancellationToken cancellationToken);
}

/// <summary>A readme.</summary>
/// <param name="Markdown">What was written: GitHub Flavored Markdown.</param>
/// <param name="Version">Grows by one with each save; 0 before the first.</param>
/// <param name="UpdatedAt">When it was saved, UTC.</param>
/// <param name="UpdatedBy">Who saved it.</param>
[GenerateSerializer, Alias("readme-view"), Immutable]
public sealed record Readme(
    [property: Id(0)] string Markdown,
    [property: Id(1)] int Version,
    [property: Id(2)] DateTimeOffset? UpdatedAt,
    [property: Id(3)] string? UpdatedBy
);
