using System.Text;
using DeployCard.Contracts.Readmes;
using DeployCard.Contracts.Results;

namespace DeployCard.Domain.Readmes;

internal sealed class ReadmeGrain([PersistentState("readme")] IPersistentState<ReadmeState> stored, TimeProvider time) : Grain, IReadmeGrain
{
    public Task<Readme> Get() => Task.FromResult(View());

    public async Task<Outcome<Readme>> Save(string markdown, int expectedVersion, string actor, CancellationToken cancellationToken)
    {
        var bytes = Encoding.UTF8.GetByteCount(markdown);
        if (bytes > IReadmeGrain.MaxBytes)
            return new FieldError(
                "markdown",
                ErrorCodes.InvalidInput,
                $"markdown must be at most {IReadmeGrain.MaxBytes} bytes of UTF-8; got {bytes}."
            );
        if (expectedVersion != stored.State.Version)
            return new FieldError(
                "expectedVersion",
                ErrorCodes.VersionConflict,
                $"The current version is {stored.State.Version}{SavedBy()}, but version {expectedVersion} was edited; "
                    + "reload the readme and try again."
            );
        await Write(markdown, expectedVersion + 1, actor, cancellationToken);
        return View();
    }

    public Task Initialize(string markdown, string actor, CancellationToken cancellationToken) =>
        Write(markdown, 1, actor, cancellationToken);

    public async Task Remove(CancellationToken cancellationToken)
    {
        if (stored.RecordExists)
            await stored.ClearStateAsync(cancellationToken);
        DeactivateOnIdle();
    }

    private async Task Write(string markdown, int version, string actor, CancellationToken cancellationToken)
    {
        stored.State = new()
        {
            Markdown = markdown,
            Version = version,
            UpdatedAt = time.GetUtcNow(),
            UpdatedBy = actor,
        };
        try
        {
            await stored.WriteStateAsync(cancellationToken);
        }
        catch
        {
            DeactivateOnIdle();
            throw;
        }
    }

    private string SavedBy() => stored.State.UpdatedBy is { } user ? $", saved by {user}" : "";

    private Readme View() => new(stored.State.Markdown, stored.State.Version, stored.State.UpdatedAt, stored.State.UpdatedBy);
}
