namespace DeployCard.Samples.Iris;

/// <summary>Names of the model in a URL: the name of the deployment, if any, and <c>iris</c>.</summary>
internal sealed record ModelNames(IReadOnlyList<string> All)
{
    private const string DefaultName = "iris";

    public static ModelNames For(string? deployment) =>
        new(string.IsNullOrEmpty(deployment) || deployment == DefaultName ? [DefaultName] : [deployment, DefaultName]);

    /// <exception cref="RequestRejectedException">The model does not have this name (status 404).</exception>
    public void Require(string name)
    {
        if (!All.Contains(name))
            throw new RequestRejectedException(
                StatusCodes.Status404NotFound,
                $"Model '{name}' does not exist; the names of the model are {this}."
            );
    }

    public override string ToString() => string.Join(" and ", All);
}
