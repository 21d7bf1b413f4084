namespace DeployCard.Samples.Iris;

/// <summary>The names in a URL under which the one model of this server answers: <c>iris</c> and the deployment's own.</summary>
internal sealed record ModelNames(IReadOnlyList<string> All)
{
    private const string Own = "iris";

    public static ModelNames Of(string? deployment) =>
        new(string.IsNullOrEmpty(deployment) || deployment == Own ? [Own] : [deployment, Own]);

    /// <exception cref="RefusedException">404: no model has this name.</exception>
    public void Require(string name)
    {
        if (!All.Contains(name))
            throw new RefusedException(StatusCodes.Status404NotFound, $"There is no model '{name}' here; this server has {this}.");
    }

    public override string ToString() => string.Join(" and ", All);
}
