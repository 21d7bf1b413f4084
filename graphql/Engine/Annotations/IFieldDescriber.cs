using System.Reflection;

namespace DeployCard.GraphQL;

/// <summary>Describes fields of the schema whose description is not their XML documentation alone.</summary>
public interface IFieldDescriber
{
    /// <summary>Returns the description of a field; null keeps the description from the XML documentation.</summary>
    /// <param name="member">Property that the field reads or sets.</param>
    /// <param name="isInput">Whether the field belongs to an input type.</param>
    /// <param name="summarize">Returns the summary in the XML documentation of a member; null if it has none.</param>
    string? Describe(MemberInfo member, bool isInput, Func<MemberInfo, string?> summarize);
}
