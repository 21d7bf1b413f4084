using System.ComponentModel.DataAnnotations;

namespace DeployCard.Contracts.Deployments;

/// <summary>Addresses that the card shows to users (section <c>Card</c>).</summary>
public sealed class CardOptions
{
    /// <summary>Section of the settings that holds these options.</summary>
    public const string Section = "Card";

    /// <summary>
    /// Public base URL of this installation, for example <c>https://models.example.org</c>. If not set, the first address of <c>urls</c>
    /// is used.
    /// </summary>
    [Required]
    public Uri PublicUrl { get; set; } = new("http://localhost:8080");

    /// <summary>
    /// Base URL of a Grafana with the dashboards of <c>k8s/base/monitoring</c>, for example <c>https://grafana.example.org</c>. If not set,
    /// the card contains no links to dashboards.
    /// </summary>
    public Uri? GrafanaUrl { get; set; }

    /// <summary>Returns the URL of a deployment's dashboard, or null if there is no Grafana.</summary>
    public Uri? GetDashboardUrl(string deployment) =>
        GrafanaUrl is null ? null : new($"{GrafanaUrl.AbsoluteUri.TrimEnd('/')}/d/deploycard-deployment?var-deployment={deployment}");
}
