namespace DeployCard.GraphQL;

/// <summary>
/// Sets the schema name of a type of another assembly, which cannot carry <see cref="GraphQLNameAttribute"/>. Input types get the suffix
/// <c>Input</c> if their name does not end with it.
/// </summary>
/// <param name="type">Type that gets the name.</param>
/// <param name="name">Name in the schema, for example <c>Configuration</c>.</param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class SchemaTypeAttribute(Type type, string name) : Attribute
{
    /// <summary>The type to name.</summary>
    public Type Type { get; } = type;

    /// <summary>The name in the schema.</summary>
    public string Name { get; } = name;
}

/// <summary>Registers a class that describes fields whose description is not their XML documentation alone.</summary>
/// <param name="describer">Class that implements <see cref="IFieldDescriber"/> and has a constructor without parameters.</param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class FieldDescriberAttribute(Type describer) : Attribute
{
    /// <summary>The class that describes fields.</summary>
    public Type Describer { get; } = describer;
}
