using DeployCard.Contracts.Callbacks;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Results;
using DeployCard.Contracts.Revisions;
using DeployCard.Contracts.Runtimes;
using Microsoft.Extensions.Options;

namespace DeployCard.Domain.Deployments;

/// <summary>Checks that a command needs to pass before it changes anything. Each check returns null if it passes.</summary>
/// <param name="images">The images of the installation.</param>
/// <param name="options">Settings that apply to every deployment.</param>
internal sealed class DeploymentChecks(IImageCatalog images, IOptions<DeploymentOptions> options)
{
    private const int MaxListedImages = 20;

    /// <summary>Rejects the creation if the name is taken, also by a deleted deployment that is not purged.</summary>
    public static FieldError? CheckNameIsFree(DeploymentName name, DeploymentState state) =>
        !state.Exists
            ? null
            : new(
                "name",
                ErrorCodes.NameTaken,
                state.DeletedAt is null
                    ? $"A deployment named '{name}' already exists."
                    : $"Deployment '{name}' was deleted; its name can be reused after {state.DueAt:u}."
            );

    /// <summary>Rejects each change of a deployment that does not exist or is deleted.</summary>
    public static FieldError? CheckIsEditable(DeploymentName name, DeploymentState state) =>
        !state.Exists ? new("name", ErrorCodes.NotFound, $"There is no deployment named '{name}'.")
        : state.DeletedAt is { } at ? new("name", ErrorCodes.DeploymentDeleted, $"Deployment '{name}' was deleted at {at:u}.")
        : null;

    /// <summary>Rejects an update that was made on another revision than the current one.</summary>
    public static FieldError? CheckExpectedRevision(DeploymentState state, DeploymentChange change) =>
        change.ExpectedRevision is not { } expected || expected == state.Current.Number
            ? null
            : new(
                "expectedRevision",
                ErrorCodes.VersionConflict,
                $"The current revision is {state.Current.Number}, not {expected}; reload the deployment and try again."
            );

    /// <summary>Finds a revision that is kept. Returns either the revision or the error.</summary>
    public static (Revision? Revision, FieldError? Error) FindRevision(DeploymentState state, int number) =>
        state.Revisions.Find(r => r.Number == number) is { } found
            ? (found, null)
            : (
                null,
                new(
                    "revision",
                    ErrorCodes.NotFound,
                    $"There is no revision {number}; revisions {state.Revisions[0].Number} to {state.Current.Number} are available."
                )
            );

    /// <summary>Rejects a key beyond the maximum number of keys.</summary>
    public FieldError? CheckKeyLimit(DeploymentState state) =>
        state.Keys.Count < options.Value.MaxKeysPerDeployment
            ? null
            : new(
                "",
                ErrorCodes.LimitReached,
                $"A deployment can have at most {options.Value.MaxKeysPerDeployment} keys; revoke one first."
            );

    /// <summary>Rejects a webhook secret beyond <see cref="WebhookSecret.MaxPerDeployment"/>.</summary>
    public static FieldError? CheckWebhookSecretLimit(DeploymentState state) =>
        state.WebhookSecrets.Count < WebhookSecret.MaxPerDeployment
            ? null
            : new(
                "",
                ErrorCodes.LimitReached,
                $"A deployment can have at most {WebhookSecret.MaxPerDeployment} webhook secrets; revoke one first."
            );

    /// <summary>Rejects the revocation of a webhook secret that the deployment does not have.</summary>
    public static FieldError? CheckWebhookSecretExists(DeploymentName name, DeploymentState state, string id) =>
        state.WebhookSecrets.Exists(secret => secret.Id == id)
            ? null
            : new("id", ErrorCodes.NotFound, $"Deployment '{name}' has no webhook secret with this id.");

    /// <summary>Finds an image that can be started. Returns either the image or the error.</summary>
    public async Task<(Image? Image, FieldError? Error)> FindImage(string name, CancellationToken cancellationToken) =>
        await images.Find(name, cancellationToken) switch
        {
            null => (
                null,
                new(
                    "image",
                    ErrorCodes.InvalidInput,
                    $"There is no image '{name}'; available images: {await ListImages(cancellationToken)}."
                )
            ),
            { UnavailableReason: { } reason } => (
                null,
                new("image", ErrorCodes.InvalidInput, $"Image '{name}' cannot be started on this installation: {reason}")
            ),
            var image => (image, null),
        };

    private async Task<string> ListImages(CancellationToken cancellationToken) =>
        string.Join(", ", (await images.List(cancellationToken)).Take(MaxListedImages).Select(i => i.Name));
}
