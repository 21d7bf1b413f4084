using System.ComponentModel.DataAnnotations;

namespace DeployCard.GraphQL;

/// <summary>What the card needs to know of its surroundings (section <c>Card</c>).</summary>
public sealed class CardOptions
{
    /// <summary>Where clients reach this installation, as in <c>https://models.example.org</c>; the first address it listens on when it is not set.</summary>
    [Required]
    public Uri PublicUrl { get; set; } = new("http://localhost:8080");
}
